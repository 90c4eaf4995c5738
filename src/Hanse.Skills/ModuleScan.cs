using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Hanse.Skills;

/// <summary>One function that a module asks of its host.</summary>
/// <param name="Module">Where it is to come from.</param>
/// <param name="Name">Its name there.</param>
public readonly record struct SkillImport(string Module, string Name);

/// <summary>What a module is made of, as far as it has to be known before it is compiled.</summary>
/// <remarks>
/// Reads the outermost structure only, in one pass over its bytes, without trusting any count: whether the
/// code is valid is for the compiler to say. Format: WebAssembly Core Specification 2.0, section 5.
/// </remarks>
public sealed class ModuleScan
{
    private const int MemoryKind = 2;

    private readonly List<SkillImport> _imports = [];

    private ModuleScan()
    {
    }

    /// <summary>What it asks of its host, in its order.</summary>
    public IReadOnlyList<SkillImport> Imports => _imports;

    /// <summary>The most pages its memory may grow to.</summary>
    public int MemoryPages { get; private set; }

    /// <summary>Looks at a module.</summary>
    /// <param name="module">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    /// <returns>Null when it is refused.</returns>
    public static ModuleScan? Of(ReadOnlySpan<byte> module, out string? refusal)
    {
        var scan = new ModuleScan();
        try
        {
            scan.Read(module);
            refusal = null;
            return scan;
        }
        catch (SkillRefusedException refused)
        {
            refusal = refused.Message;
            return null;
        }
    }

    private void Read(ReadOnlySpan<byte> module)
    {
        Most("bytes", module.Length, ModuleLimits.ModuleBytesMax);
        if (!module.StartsWith((ReadOnlySpan<byte>)[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]))
        {
            throw new SkillRefusedException("it does not begin as a module of WebAssembly 1 does");
        }

        var reader = new Reader(module[8..]);
        (int customs, long customBytes, int functions, int bodies, int place) = (0, 0, 0, 0, 0);
        bool hasMemory = false;
        while (!reader.IsAtEnd)
        {
            int id = reader.Byte();
            var section = new Reader(reader.Bytes(reader.Count(int.MaxValue, "section")));
            if (id == 0)
            {
                customBytes += section.Length;
                Most("custom sections", ++customs, ModuleLimits.CustomSectionsMax);
                Most("bytes of custom sections", customBytes, ModuleLimits.CustomBytesMax);
                _ = section.Name();
                continue;
            }

            // The count of data segments comes before the code, though its number is higher.
            int order = id == 12 ? 95 : id * 10;
            if (id > 12 || order <= place)
            {
                throw new SkillRefusedException($"section {Text(id)} is out of order or unknown");
            }

            place = order;
            switch (id)
            {
                case 1:
                    Types(ref section);
                    break;
                case 2:
                    ReadImports(ref section);
                    break;
                case 3:
                    functions = section.Count(ModuleLimits.FunctionsMax, "functions");
                    break;
                case 4:
                    Table(ref section);
                    break;
                case 5:
                    Memory(ref section);
                    hasMemory = true;
                    break;
                case 6:
                    _ = section.Count(ModuleLimits.GlobalsMax, "global variables");
                    break;
                case 7:
                    Exports(ref section);
                    break;
                case 9 or 11:
                    _ = section.Count(ModuleLimits.SegmentsMax, "segments");
                    break;
                case 10:
                    bodies = Code(ref section);
                    break;
                default:
                    break;
            }
        }

        if (functions != bodies)
        {
            throw new SkillRefusedException(
                $"it declares {Text(functions)} functions and has {Text(bodies)}");
        }

        if (!hasMemory)
        {
            throw new SkillRefusedException("it has no memory");
        }
    }

    private static void Types(ref Reader section)
    {
        int types = section.Count(ModuleLimits.TypesMax, "types");
        for (int i = 0; i < types; i++)
        {
            if (section.Byte() != 0x60)
            {
                throw new SkillRefusedException("it has a type that is no function's");
            }

            for (int side = 0; side < 2; side++)
            {
                _ = section.Bytes(section.Count(ModuleLimits.TypeArityMax, "parameters or results"));
            }
        }
    }

    private void ReadImports(ref Reader section)
    {
        int imports = section.Count(ModuleLimits.ImportsMax, "imports");
        for (int i = 0; i < imports; i++)
        {
            var import = new SkillImport(section.Name(), section.Name());
            if (section.Byte() != 0)
            {
                throw new SkillRefusedException(
                    $"it imports {import.Module}.{import.Name}, which is no function");
            }

            _ = section.Number();
            _imports.Add(import);
        }
    }

    private static void Table(ref Reader section)
    {
        Most("tables", section.Count(int.MaxValue, "tables"), 1);
        if (section.IsAtEnd)
        {
            return;
        }

        _ = section.Byte();
        (uint least, uint? most) = section.Limits("table");
        Most("table elements", Math.Max(least, most ?? 0), ModuleLimits.TableElementsMax);
    }

    private void Memory(ref Reader section)
    {
        Most("memories", section.Count(int.MaxValue, "memories"), 1);
        (uint least, uint? most) = section.Limits("memory");
        if (most is null)
        {
            throw new SkillRefusedException(
                $"its memory has no maximum; allowed: up to {Text(ModuleLimits.MemoryPagesMax)} pages");
        }

        Most("pages of memory", Math.Max(least, most.Value), ModuleLimits.MemoryPagesMax);
        MemoryPages = (int)most.Value;
    }

    private static void Exports(ref Reader section)
    {
        int exports = section.Count(ModuleLimits.ExportsMax, "exports");
        bool hasMemory = false;
        for (int i = 0; i < exports; i++)
        {
            string name = section.Name();
            hasMemory |= section.Byte() == MemoryKind && name == SkillAbi.Memory;
            _ = section.Number();
        }

        if (!hasMemory)
        {
            throw new SkillRefusedException($"it does not export its memory as '{SkillAbi.Memory}'");
        }
    }

    private static int Code(ref Reader section)
    {
        int bodies = section.Count(ModuleLimits.FunctionsMax, "functions");
        for (int i = 0; i < bodies; i++)
        {
            int length = section.Count(int.MaxValue, "function");
            Most("bytes of a function", length, ModuleLimits.BodyBytesMax);
            var body = new Reader(section.Bytes(length));
            int groups = body.Count(ModuleLimits.LocalsMax, "groups of local variables");
            long locals = 0;
            for (int group = 0; group < groups; group++)
            {
                locals += body.Number();
                Most("local variables of a function", locals, ModuleLimits.LocalsMax);
                _ = body.Byte();
            }
        }

        return bodies;
    }

    private static void Most(string what, long is_, long most)
    {
        if (is_ > most)
        {
            throw new SkillRefusedException($"it has {Text(is_)} {what}; allowed: up to {Text(most)}");
        }
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private static readonly UTF8Encoding _utf8 = new(false, throwOnInvalidBytes: true);

        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;

        public readonly bool IsAtEnd => _at == _bytes.Length;

        public readonly int Length => _bytes.Length;

        public byte Byte() => _at < _bytes.Length
            ? _bytes[_at++] : throw new SkillRefusedException("it ends early");

        // LEB128 of 32 bits, as the standard limits it: five bytes, the last of them below 16.
        public uint Number()
        {
            uint number = 0;
            for (int shift = 0; shift < 35; shift += 7)
            {
                byte next = Byte();
                if (shift == 28 && next > 15)
                {
                    break;
                }

                number |= (uint)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return number;
                }
            }

            throw new SkillRefusedException("it has a number that is too long");
        }

        public int Count(int most, string what)
        {
            uint count = Number();
            Most(what, count, most);
            return (int)count;
        }

        public ReadOnlySpan<byte> Bytes(int length)
        {
            if (length > _bytes.Length - _at)
            {
                throw new SkillRefusedException("it ends early");
            }

            ReadOnlySpan<byte> taken = _bytes.Slice(_at, length);
            _at += length;
            return taken;
        }

        public string Name()
        {
            ReadOnlySpan<byte> name = Bytes(Count(ModuleLimits.NameBytesMax, "bytes of a name"));
            try
            {
                return _utf8.GetString(name);
            }
            catch (DecoderFallbackException)
            {
                throw new SkillRefusedException("it has a name that is no text");
            }
        }

        // Only plain limits: no shared memory, no memory of 64 bits.
        public (uint Least, uint? Most) Limits(string of)
        {
            byte flags = Byte();
            return flags > 1
                ? throw new SkillRefusedException(
                    $"its {of} is shared or of another kind than WebAssembly 1 has")
                : (Number(), flags == 1 ? Number() : null);
        }
    }
}
