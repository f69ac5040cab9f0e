"""Set the process up as a worker does, before anything is multiplied."""

from reportgen.run.process import prepare

prepare()
