class Problem(Exception):
    """Something that whoever runs this can put right; the message is one sentence that says how."""
