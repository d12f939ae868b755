"""One file a page: its context, how it is made, and its routes."""

from goodoffices.web.pages import answer, cases, conduct, facts, method, plan, purge, report, trust, whatif

__all__ = ["CONTEXTS", "ROUTERS"]

MODULES = (cases, answer, trust, facts, plan, whatif, conduct, method, report, purge)
ROUTERS = (method.manual, *(module.router for module in MODULES))

# The contexts of the pages of a case, which the API gives as data.
CONTEXTS = {
    "answer": answer.context,
    "trust": trust.context,
    "facts": facts.context,
    "plan": plan.context,
    "whatif": whatif.context,
    "conduct": conduct.context,
    "method": method.context,
    "report": report.context,
    "purge": purge.context,
}
