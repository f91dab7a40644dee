"""Learning on samples: features, embeddings, estimators, and the comparisons that checks share."""
