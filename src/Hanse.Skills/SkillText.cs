using System.Text;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>Modules from the text format of WebAssembly: no toolchain is needed for those.</summary>
public static class SkillText
{
    /// <summary>Most bytes of a text.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>The module that a text describes.</summary>
    /// <param name="text">The text, whatever it is.</param>
    /// <param name="refusal">Why there is none: for its author, with line and column; null when there is
    /// one.</param>
    public static byte[]? Module(string text, out string? refusal)
    {
        if (Encoding.UTF8.GetByteCount(text) > BytesMax)
        {
            refusal = $"the text is longer than {BytesMax >> 20} MiB";
            return null;
        }

        try
        {
            refusal = null;
            return Wasmtime.Module.ConvertText(text);
        }
        catch (WasmtimeException failure)
        {
            refusal = "the text is no module: " + failure.Message.Trim();
            return null;
        }
    }
}
