# SYNTAX TEST "source.python" "KQL in strings"
rows = qp.exec_query("SecurityEvent | where EventID == 4625", limit=5)
#         ^^^^^^^^^^ meta.function-call.generic.python
#                                     ^^^^^ keyword.control.kql
#                                                      ^^^^ constant.numeric.kql
#                                                                   ^ - meta.embedded.block.kql
rows = qp.exec_query("""
SecurityEvent
| where Account has "admin"
# ^^^^^ meta.embedded.block.kql keyword.control.kql
""")
other = "| where x"
#          ^^^^^ - keyword.control.kql
