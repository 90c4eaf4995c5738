namespace Hanse.Skills;

/// <summary>What a module may be made of, at most. Looked at before anything is compiled, since a compiler
/// can be kept busy: 560 KB of nested loops took it 29 seconds.</summary>
public static class ModuleLimits
{
    /// <summary>Bytes of a module.</summary>
    public const int ModuleBytesMax = 256 * 1024;

    /// <summary>Bytes of one function's body.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Functions defined.</summary>
    public const int FunctionsMax = 2_048;

    /// <summary>Local variables of a function.</summary>
    public const int LocalsMax = 1_024;

    /// <summary>Types of functions.</summary>
    public const int TypesMax = 256;

    /// <summary>Parameters or results of a type.</summary>
    public const int TypeArityMax = 16;

    /// <summary>Functions imported.</summary>
    public const int ImportsMax = 16;

    /// <summary>Names exported.</summary>
    public const int ExportsMax = 64;

    /// <summary>Bytes of a name.</summary>
    public const int NameBytesMax = 64;

    /// <summary>Global variables.</summary>
    public const int GlobalsMax = 256;

    /// <summary>Elements of the one table there may be.</summary>
    public const int TableElementsMax = 1_000;

    /// <summary>Pages of the one memory.</summary>
    public const int MemoryPagesMax = 16;

    /// <summary>Segments of data, and of table elements.</summary>
    public const int SegmentsMax = 1_024;

    /// <summary>Sections that are no code: names, notes of tools.</summary>
    public const int CustomSectionsMax = 16;

    /// <summary>Bytes of those together.</summary>
    public const int CustomBytesMax = 32 * 1024;
}
