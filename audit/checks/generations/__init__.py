"""What happens when synthetic data feed the next generation?"""
