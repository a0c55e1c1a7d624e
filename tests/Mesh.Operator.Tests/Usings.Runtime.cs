// As in the operator: the one file that names the controller runtime.
global using Mesh.Operator.Runtime;
