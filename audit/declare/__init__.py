"""What a user declares: options, rules, estimands, age bands, generator card, commitment, watermark."""
