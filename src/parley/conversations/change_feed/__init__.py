"""What changed in a project, in one order for everybody who follows it. Written by the features above, kept for a while."""
