"""The live stream ``/events/``: one small process that tells open pages what changed, whoever looks and however many.

The web server signs the viewer in as for any page and then hands the connection itself on to this process, over a unix
socket (``handing``). The process holds all streams, reads the database once for all of them (``reading``), and writes
to each what its viewer may know (``viewers``, ``serving``). Only ``handing`` and ``nudging`` run inside the web server;
nothing else here imports Django, which would triple its memory.
"""
