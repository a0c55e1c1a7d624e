namespace Mesh.Local.ApiServer.Selection;

internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    NotExists,
    Greater,
    Less,
}
