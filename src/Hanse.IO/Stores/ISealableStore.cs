using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;

namespace Hanse.IO.Stores;

/// <summary>A store that can be closed to all writers for good, since its mission is kept elsewhere from then
/// on.</summary>
public interface ISealableStore : IStreamStore
{
    /// <summary>The note that says why a store is sealed.</summary>
    const string SealNote = "store/sealed";

    /// <summary>Closes it for good, if nothing was written since it was read. Writers that have it open, also
    /// in other processes, cannot write any more, and it does not open to write again; it can be
    /// read.</summary>
    /// <param name="read">Its streams as they were read.</param>
    /// <param name="notes">How many notes there were that say nothing of the store itself.</param>
    /// <param name="why">What whoever opens it is told.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <returns>False when something was written: it is open as before.</returns>
    /// <exception cref="StoreException">It cannot be written.</exception>
    Task<bool> SealAsync(
        ImmutableArray<StreamState> read, long notes, string why, CancellationToken cancel = default);
}
