"""The words of the parking platform that two or more of its processes share.

Depends on pydantic and the standard library only. Wire names are the names used inside the code too.
"""
