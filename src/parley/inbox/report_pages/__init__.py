"""The page "Reports": how the team does, with the list behind every figure (docs/support-reports.md)."""
