"""Stores and sends: everything that talks to DynamoDB, S3, SQS and Step Functions."""
