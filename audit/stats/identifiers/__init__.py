"""Check digits, national numbers, and near-duplicate texts."""
