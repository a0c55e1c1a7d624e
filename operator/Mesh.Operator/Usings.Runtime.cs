// The one file that names the controller runtime. It mirrors KubeOps's names and signatures: moving to KubeOps is a package
// reference, this file and the registrations in OperatorHost.
global using Mesh.Operator.Runtime;
