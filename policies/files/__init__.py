"""A policy as files that people keep in git: one folder each, with ``policy.yaml`` and one Markdown file per clause.

Pure but for ``folders``, which touches the disk. ``layout.parse(layout.render(document)) == document`` holds exactly,
whatever the texts: what would be lost or read as something else is escaped the way Markdown and YAML escape it.
"""
