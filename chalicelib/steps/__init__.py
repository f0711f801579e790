"""The functions of a job, one file each, named after their state and function."""
