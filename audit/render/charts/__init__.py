"""A `Chart` as a picture: SVG for reports, Plotly for pages."""
