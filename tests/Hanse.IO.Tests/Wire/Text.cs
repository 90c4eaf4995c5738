using System.Text;
using Hanse.Core.Wire;

namespace Hanse.IO.Tests.Wire;

/// <summary>Records as text: equal when the records are, whatever arrays are in them.</summary>
internal static class Text
{
    internal static string Of<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        TraceText.Append(buffer, record);
        return Encoding.ASCII.GetString(buffer.Written);
    }
}
