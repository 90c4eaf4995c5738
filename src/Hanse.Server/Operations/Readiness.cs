using System;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Gateway;

namespace Hanse.Server.Operations;

/// <summary>Whether a server can do its work now: all machines take turns, and the store
/// writes.</summary>
/// <remarks>Anybody may ask, so it is looked at once a second at most, whoever asks.</remarks>
internal sealed class Readiness(OperationsParts parts, GatewayDesk desk)
{
    /// <summary>How long a machine or the store may take to answer.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    // Written once; writing it again goes through the store like any other note, and changes nothing.
    private const string Note = "health";

    private static readonly TimeSpan _goodFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<bool> _last = Task.FromResult(false);
    private long _lookedAt;
    private bool _hasLooked;

    /// <summary>Whether it can.</summary>
    public Task<bool> IsReadyAsync()
    {
        if (desk.IsDraining)
        {
            return Task.FromResult(false);
        }

        lock (_gate)
        {
            bool isStale = !_hasLooked || parts.Time.GetElapsedTime(_lookedAt) >= _goodFor;
            if (isStale && (!_hasLooked || _last.IsCompleted))
            {
                _lookedAt = parts.Time.GetTimestamp();
                _hasLooked = true;
                _last = LookAsync();
            }

            return _last;
        }
    }

    private async Task<bool> LookAsync()
    {
        try
        {
            await Task.WhenAll(parts.Plane.ProbeAsync(), parts.Store.NoteAsync(Note, "written"))
                .WaitAsync(AnswerMax, parts.Time);
            return true;
        }
        catch (Exception failure) when (MissionFace.IsPassing(failure) || failure is TimeoutException)
        {
            return false;
        }
    }
}
