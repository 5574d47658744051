"""Records made readable: tables, figures, Markdown, comparisons."""
