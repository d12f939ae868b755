"""Sources of event data, one file each: how the files of a feed are laid out, and nothing else.

A source reads no rows. It looks at the name and the first lines of a file and gives a
`goodoffices.domain.events.Layout`, in the words of the reader that the store uses.
"""
