using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Hanse.Simulation.Kernel;

/// <summary>1 KiB of native memory: a link and room for 42 events, filled upwards, exactly to its
/// end.</summary>
/// <remarks>Aligned to its size, so any pointer into it finds its start, and a full one ends on a
/// border.</remarks>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct Chunk
{
    public const int Bytes = 1024;
    public const int Capacity = (Bytes - HeaderBytes) / EventBytes;

    private const int HeaderBytes = 16;
    private const int EventBytes = 24;

    /// <summary>The chunk filled before this one in the same slot, or the next free one; or null.</summary>
    public Chunk* Older;

    /// <summary>Where the events of <paramref name="chunk"/> begin.</summary>
    public static Event* First(Chunk* chunk) => (Event*)((byte*)chunk + HeaderBytes);

    /// <summary>The chunk whose latest event ends at <paramref name="end"/>.</summary>
    public static Chunk* EndingAt(Event* end) => (Chunk*)(((nuint)end - 1) & ~(nuint)(Bytes - 1));

    /// <summary>Whether a new chunk is needed before writing at <paramref name="end"/>; true for
    /// null.</summary>
    public static bool IsBorder(Event* end) => ((nuint)end & (Bytes - 1)) == 0;
}

/// <summary>A free list of chunks over slabs of native memory, which it only returns when disposed.</summary>
/// <remarks>
/// Native rather than managed, because the slabs must neither move nor be scanned nor copied when they grow,
/// and because the kernel may back aligned slabs by huge pages.
/// </remarks>
internal sealed unsafe class ChunkPool : IDisposable
{
    private const int SlabBytes = 2 << 20; // A huge page.
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE, linux/mman.h.

    private readonly List<nint> _slabs = [];

    // Chunks given back, the latest first: it is the one still in the cache.
    private Chunk* _free;

    // The untouched rest of the newest slab. Not threaded into the free list: that would touch it early.
    private Chunk* _fresh;
    private Chunk* _freshEnd;

    ~ChunkPool() => Release();

    public Chunk* Rent()
    {
        Chunk* chunk = _free;
        if (chunk != null)
        {
            _free = chunk->Older;
            return chunk;
        }

        if (_fresh == _freshEnd)
        {
            AddSlab();
        }

        return _fresh++;
    }

    public void Return(Chunk* chunk)
    {
        chunk->Older = _free;
        _free = chunk;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void AddSlab()
    {
        void* slab = NativeMemory.AlignedAlloc(SlabBytes, SlabBytes);
        if (OperatingSystem.IsLinux())
        {
            _ = Native.Advise((nint)slab, SlabBytes, AdviseHugePages); // A refusal only costs speed.
        }

        _slabs.Add((nint)slab);
        _fresh = (Chunk*)slab;
        _freshEnd = _fresh + (SlabBytes / Chunk.Bytes);
    }

    private void Release()
    {
        foreach (nint slab in _slabs)
        {
            NativeMemory.AlignedFree((void*)slab);
        }

        _slabs.Clear();
        _free = _fresh = _freshEnd = null;
    }
}

internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Advise(nint address, nuint length, int advice);
}
