"""What a generator trained on its own rows loses, in closed form, and how rows mix."""
