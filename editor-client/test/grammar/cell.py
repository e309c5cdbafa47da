# SYNTAX TEST "source.python" "a cell with a query"
qp = 1
# <-- source.python
%pivot Host.windows.logons web01
# <------ keyword.control.magic.huntlens
%%kql -o failed
# <----- keyword.control.magic.huntlens
SecurityEvent | where EventID == 4625
#               ^^^^^ keyword.control.kql
#                                ^^^^ constant.numeric.kql
