"""Reader Stream: any URL, HTML or PDF as clean markdown, streamed while the page renders."""

__version__ = "0.1.0"
