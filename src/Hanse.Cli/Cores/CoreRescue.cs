using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.IO.Cores;
using Hanse.IO.Gateway;
using Hanse.IO.Slots;
using Hanse.Skills.Packages;

namespace Hanse.Cli.Cores;

/// <summary>What a rescue is made with.</summary>
/// <param name="Self">Which node this is.</param>
/// <param name="Mission">Of which mission.</param>
/// <param name="Core">What runs.</param>
/// <param name="After">How long no hub may have answered, in mission time.</param>
/// <param name="Pace">Mission seconds a second.</param>
internal sealed record RescueParts(NodeId Self, byte[] Mission, Digest Core, TimeSpan After, double Pace);

/// <summary>Calls for rescue when no hub has answered for long, and puts the image that it is told of on
/// trial.</summary>
/// <remarks>
/// <para>A machine that was away for so long that nobody speaks its version any more hears nothing of orders.
/// What it still speaks is the exchange that never changes (docs/protocol/gateway.md, section 8): it asks,
/// fetches a package piece by piece, goes on where it stopped, and believes it by the trust in its own
/// folder, by two keys, as it does an ordered image. Then the slots and their launcher do the rest: an image
/// that no hub answers is gone back from, and its package is not fetched again. One that is answered is
/// proven, since there is no order that would say more.</para>
/// <para>What it has to remember is in the file <c>rescue</c> of the agent's folder.</para>
/// </remarks>
internal sealed class CoreRescue : IAsyncDisposable
{
    private const string StateFile = "rescue";
    private const string PackagesFolder = "rescued";

    private static readonly Uri _route = new("/rescue", UriKind.Relative);
    private static readonly TimeSpan _lookMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _lookMin = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan _againMax = TimeSpan.FromDays(1);

    private readonly RescueParts _parts;
    private readonly AgentFolder _folder;
    private readonly HttpClient _http;
    private readonly CoreSlots _slots;
    private readonly CoreShelf _shelf;
    private readonly Func<Instant> _clock;
    private readonly Action<string> _log;
    private readonly Action _again;
    private readonly PackageFolder _packages;
    private readonly CancellationTokenSource _stop = new();
    private State _state;
    private long _heard;
    private Digest _refused;
    private RescueOrder? _told;
    private Task _running = Task.CompletedTask;

    /// <summary>A rescue that does not run yet.</summary>
    /// <param name="parts">Who, and when.</param>
    /// <param name="folder">Where it remembers, and the node's keys.</param>
    /// <param name="http">The gateway.</param>
    /// <param name="slots">Which image is started.</param>
    /// <param name="shelf">Puts images there.</param>
    /// <param name="clock">Mission time.</param>
    /// <param name="log">Takes a line about what it is told and does.</param>
    /// <param name="again">Ends this process, to be started anew.</param>
    /// <exception cref="IOException">The folder cannot be read, or is spoiled.</exception>
    public CoreRescue(
        RescueParts parts, AgentFolder folder, HttpClient http, CoreSlots slots, CoreShelf shelf,
        Func<Instant> clock, Action<string> log, Action again)
    {
        _parts = parts;
        _folder = folder;
        _http = http;
        _slots = slots;
        _shelf = shelf;
        _clock = clock;
        _log = log;
        _again = again;
        _packages = PackageFolder.Open(Path.Combine(folder.Path, PackagesFolder));
        _state = folder.Read(StateFile, 1_024) is { } kept ? Parse(Encoding.ASCII.GetString(kept))
            : new State(clock(), default, default);
        _heard = _state.Heard.Micros;
    }

    /// <summary>An uplink that has this hear of every frame of a hub.</summary>
    public IUplink Listen(IUplink to) =>
        new Listening(to, () => Interlocked.Exchange(ref _heard, _clock().Micros));

    /// <summary>Begins.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private TimeSpan Quiet => _clock() - new Instant(Interlocked.Read(ref _heard));

    private async Task RunAsync()
    {
        TimeSpan wall = _parts.After / _parts.Pace;
        var look = TimeSpan.FromTicks(Math.Clamp((wall / 50).Ticks, _lookMin.Ticks, _lookMax.Ticks));
        try
        {
            Keep(_state); // From when on it counts, also if it ends before it has heard anything.
            while (true)
            {
                await Task.Delay(look, _stop.Token);
                TimeSpan pause = await LookAsync();
                await Task.Delay(pause, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    // Returns how long to wait besides.
    private async Task<TimeSpan> LookAsync()
    {
        try
        {
            if (Quiet < _parts.After)
            {
                Heard();
                return TimeSpan.Zero;
            }

            RescueAnswer told = await AskAsync(default, 0);
            if (told.Order != _told)
            {
                _told = told.Order;
                _log($"no hub has answered for {Quiet.TotalDays:F0} days: " + told.Order switch
                {
                    RescueOrder.ComeToDepot => "this machine is to come to a depot",
                    RescueOrder.Fetch => "there is another core for it",
                    RescueOrder.End => "its service is over",
                    _ => "there is nothing for it now",
                });
            }

            if (told.Order == RescueOrder.Fetch)
            {
                await FetchAsync(told);
            }

            // Ten times in the time that it waits for a hub, at least.
            long most = Math.Min(_againMax.Ticks, (_parts.After / _parts.Pace / 10).Ticks);
            return TimeSpan.FromTicks(Math.Min(most, TimeSpan.FromSeconds(told.CallAgain).Ticks));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            or UnauthorizedAccessException
            || (failure is OperationCanceledException && !_stop.IsCancellationRequested))
        {
            return TimeSpan.Zero; // The way, or the disk: at the next look.
        }
    }

    private void Heard()
    {
        CoreChoice choice = _slots.Read();
        bool isNew = Interlocked.Read(ref _heard) > _state.Heard.Micros;
        if (isNew && _state.Image == _parts.Core && choice.Trial is { } trial && trial.Image == _parts.Core)
        {
            _slots.Write(new CoreChoice(trial, choice.Proven, null, 0, false, 0, default));
            _log($"core {_parts.Core}: a hub has answered it: it is proven");
        }

        if (isNew && Quiet < _parts.After / 2)
        {
            _told = null;
            Keep(_state with { Heard = new Instant(Interlocked.Read(ref _heard)) });
        }
    }

    private async Task FetchAsync(RescueAnswer told)
    {
        var package = Digest.From(told.Package);
        if (package == _refused || (package == _state.Package && _slots.Read().GivenUp == _state.Image))
        {
            return; // It was tried.
        }

        if (told.Size is 0 or > Parcel.BytesMax)
        {
            Refuse(package, $"a package has up to {Parcel.BytesMax} bytes");
            return;
        }

        int size = (int)told.Size;
        int held = _packages.Held(package);
        while (held < size)
        {
            RescueAnswer piece = await AskAsync(package, held);
            if (piece.Order != RescueOrder.Fetch || Digest.From(piece.Package) != package
                || piece.Offset != (ulong)held || piece.Bytes.Length == 0 || piece.Bytes.Length > size - held)
            {
                return; // It is another by now; it is asked for again.
            }

            held = _packages.Keep(package, held, piece.Bytes);
        }

        if (_packages.Read(package, size) is not { } bytes)
        {
            _log($"package {package}: its bytes are not what its name says; they are fetched anew");
            return;
        }

        Parcel? parcel = Parcel.Read(bytes, out string? refusal);
        if (parcel is null || parcel.Image == _slots.Read().GivenUp)
        {
            Refuse(package, parcel is null ? refusal! : "its image did not come up before");
            return;
        }

        // Twice as long as it takes to call, so that a machine that is seldom in reach can be heard.
        DateTimeOffset until = DateTimeOffset.UtcNow + (2 * _parts.After / _parts.Pace);
        Keep(_state with { Package = package, Image = parcel.Image });
        refusal = _shelf.Rescue(parcel, until);
        if (refusal is not null)
        {
            Refuse(package, refusal);
            return;
        }

        _packages.Drop(package);
        _log($"core {parcel.Image}: it came by the rescue exchange, and is switched to");
        _again();
    }

    private void Refuse(Digest package, string why)
    {
        _refused = package;
        _packages.Drop(package);
        _log($"package {package} of the rescue exchange is not taken: {why}");
    }

    private async Task<RescueAnswer> AskAsync(Digest wants, int offset)
    {
        byte[] runs = _state.Image == _parts.Core ? _state.Package.ToArray() : new byte[Digest.Length];
        var call = new RescueCall(
            _parts.Mission, _parts.Self, _folder.NextCount(), runs, wants.ToArray(), (ulong)offset, []);
        call = call with { Signature = _folder.Keys.Own.Key.Sign(call.ToSign()) };
        using var body = new ByteArrayContent(call.ToBytes());
        using HttpResponseMessage response = await _http.PostAsync(_route, body, _stop.Token);
        _ = response.EnsureSuccessStatusCode();
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(_stop.Token);
        return RescueAnswer.TryRead(bytes, out RescueAnswer? answer) ? answer
            : throw new IOException("what answers a call for rescue does not speak as it should");
    }

    private void Keep(State state)
    {
        _folder.Keep(StateFile, Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{state.Heard.Micros} {state.Package} {state.Image}")));
        _state = state;
    }

    private static State Parse(string text)
    {
        string[] words = text.Split(' ');
        return words.Length == 3
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long heard)
            && words[1..].All(word => word.Length == 64 && word.All(char.IsAsciiHexDigit))
            ? new State(
                new Instant(heard), Digest.From(Convert.FromHexString(words[1])),
                Digest.From(Convert.FromHexString(words[2])))
            : throw new IOException($"the agent's file '{StateFile}' is spoiled: remove it");
    }

    // When a hub was heard last, and what came by this exchange last.
    private sealed record State(Instant Heard, Digest Package, Digest Image);

    private sealed class Listening(IUplink inner, Action heard) : IUplink
    {
        public void Start(Action<Frame> receive) => inner.Start(frame =>
        {
            heard();
            receive(frame);
        });

        public void Send(Frame frame) => inner.Send(frame);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
