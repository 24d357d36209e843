"""One-off charges and credits: asked for with evidence, agreed to by a second person, billed."""
