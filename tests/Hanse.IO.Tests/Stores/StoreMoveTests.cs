using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.IO.Stores;

namespace Hanse.IO.Tests.Stores;

/// <summary>Missions that are moved between files.</summary>
public sealed class StoreMoveTests : StoreMoveSuite, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-move-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override ValueTask<ISealableStore> OldAsync(bool isToMove) =>
        ValueTask.FromResult<ISealableStore>(Open("old.db", isToMove));

    protected override ValueTask<ISealableStore> NewAsync(bool isToMove) =>
        ValueTask.FromResult<ISealableStore>(Open("new.db", isToMove));

    private SqliteStore Open(string name, bool isToMove)
    {
        string path = Path.Combine(_folder, name);
        return isToMove ? SqliteStore.OpenToMove(path) : SqliteStore.Open(path);
    }
}
