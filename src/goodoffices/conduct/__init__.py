"""Conduct: what an actor is reported to do next, under present conditions (model.md E14).

A forecast of conduct says nothing of preferences, nor of conduct under a deal.  Everything here is
pure: acts and models in, figures out.
"""
