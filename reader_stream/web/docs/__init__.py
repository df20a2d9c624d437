"""The page at /docs: every option with examples that work. A test runs each of them."""
