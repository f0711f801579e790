"""Makes providers from declarations in YAML or JSON."""
