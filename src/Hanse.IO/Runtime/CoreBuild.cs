using Hanse.Core.Hub;

namespace Hanse.IO.Runtime;

/// <summary>Which build of Core this process runs.</summary>
/// <remarks>Builds are reproducible, so the same sources have the same name; any change of Core gives
/// another, and with it snapshots that are not used any more. Facts do not depend on it.</remarks>
public static class CoreBuild
{
    /// <summary>The name: 32 hexadecimal digits.</summary>
    public static string Name { get; } = typeof(RegionalHub).Module.ModuleVersionId.ToString("N");
}
