using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Cli.Commands;
using Hanse.Cli.Tests.Commands;
using Hanse.Core.Hub;
using Hanse.Core.Ledger;
using Hanse.Core.Wire;
using Hanse.IO.Facts;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Cli.Tests.Facts;

public sealed class FactsCommandTests : IDisposable
{
    private readonly Rig _rig = new() { Play = SimulationRun.Play };

    private static readonly Lazy<byte[]> _played = new(() =>
    {
        using var one = new FactsCommandTests();
        return File.ReadAllBytes(one.Played("run.facts"));
    });

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_run_writes_its_facts_and_the_audit_agrees_with_its_books()
    {
        string facts = Played("run.facts");
        double minted = JsonDocument.Parse(_rig.Output).RootElement.GetProperty("ledger")
            .GetProperty("minted").GetDouble();
        Assert.Equal(ExitCode.Fine, _rig.Run("ledger", "audit", facts, "-o", "json"));
        using var audit = JsonDocument.Parse(_rig.Output);
        Assert.True(audit.RootElement.GetProperty("holds").GetBoolean());
        Assert.True(audit.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(minted, audit.RootElement.GetProperty("minted").GetInt64() / 1e6, 6);

        Assert.Equal(ExitCode.Fine, _rig.Run("ledger", "audit", facts, "--bounty", "1"));
        Assert.Contains("the ledger holds", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("Bounty 1, posted", _rig.Output, StringComparison.Ordinal);
        Assert.Empty(_rig.Error);
    }

    [Fact]
    public void A_compressed_file_holds_the_same()
    {
        string plain = Read("run.facts");
        string packed = Played("run.facts.gz");
        Assert.True(new FileInfo(packed).Length < new FileInfo(plain).Length);
        _ = _rig.Run("ledger", "audit", plain);
        string output = _rig.Output.Replace(plain, packed, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, _rig.Run("ledger", "audit", packed));
        Assert.Equal(output, _rig.Output);
    }

    [Fact]
    public void Bids_are_explained_summary_first()
    {
        string facts = Read("run.facts");
        Assert.Equal(ExitCode.Fine, _rig.Run("bids", "explain", "1", facts));
        string[] lines = _rig.Output.Split('\n');
        Assert.StartsWith("Bounty 1: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines.Take(10), line => line.Contains("times a node", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Fine, _rig.Run("bids", "explain", "1", facts, "--node", "2"));
        Assert.Contains("below, node 2 alone", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, _rig.Run("bids", "explain", "1", facts, "-o", "json"));
        using var json = JsonDocument.Parse(_rig.Output);
        JsonElement batch = json.RootElement.GetProperty("batches")[0];
        Assert.True(batch.GetProperty("nodes").GetArrayLength() > 0);
    }

    [Fact]
    public void Bids_are_screened()
    {
        string facts = Read("run.facts");
        Assert.Equal(ExitCode.Fine, _rig.Run("bids", "screen", facts));
        Assert.Contains(" batches, ", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, _rig.Run("bids", "screen", facts, "-o", "json"));
        using var json = JsonDocument.Parse(_rig.Output);
        Assert.True(json.RootElement.GetProperty("batches").GetInt32() > 0);
    }

    [Fact]
    public void A_spoiled_ledger_is_broken_and_says_where()
    {
        string facts = Read("run.facts");
        string spoiled = _rig.File("spoiled.facts");
        Respoil(facts, spoiled);
        Assert.Equal(ExitCode.Broken, _rig.Run("ledger", "audit", spoiled));
        Assert.Contains("the ledger does not hold", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("first at     hub-", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("nothing that it remembers calls for that", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Broken, _rig.Run("ledger", "audit", spoiled, "-o", "json"));
        using var json = JsonDocument.Parse(_rig.Output);
        Assert.StartsWith(
            "hub-", json.RootElement.GetProperty("violation").GetProperty("machine").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_file_is_audited_up_to_there_and_is_an_error()
    {
        string facts = Read("run.facts");
        byte[] bytes = File.ReadAllBytes(facts);
        File.WriteAllBytes(facts, bytes[..(bytes.Length / 2)]);
        Assert.Equal(ExitCode.Broken, _rig.Run("ledger", "audit", facts));
        Assert.Contains("the ledger holds", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("torn write", _rig.Error, StringComparison.Ordinal);
        Assert.Contains("hanse sim run nickel-500t", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Broken, _rig.Run("bids", "explain", "1", facts));
    }

    [Fact]
    public void What_is_no_file_of_facts_is_refused()
    {
        string other = _rig.File("other");
        File.WriteAllText(other, "no facts at all");
        Assert.Equal(ExitCode.Refused, _rig.Run("ledger", "audit", other));
        Assert.Contains("write one with 'hanse sim run", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Environment, _rig.Run("bids", "explain", "1", _rig.File("missing")));
        Assert.Contains("--facts FILE", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, _rig.Run("bids", "explain", "none", other));
        Assert.Equal(ExitCode.Refused, _rig.Run("ledger", "audit", other, "--bounty", "0"));
    }

    [Fact]
    public void A_bounty_that_was_not_posted_is_refused()
    {
        string facts = Read("run.facts");
        Assert.Equal(ExitCode.Refused, _rig.Run("ledger", "audit", facts, "--bounty", "9999"));
        Assert.Contains("no bounty 9999", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, _rig.Run("bids", "explain", "9999", facts));
        Assert.Contains("no bounty 9999", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_that_cannot_be_written_are_the_environments_fault()
    {
        string nowhere = Path.Combine(_rig.Directory, "no", "such", "folder");
        Assert.Equal(ExitCode.Environment, _rig.Run("sim", "run", "nickel-500t", "--facts", nowhere));
        Assert.Contains("the facts cannot be written", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_an_audit()
    {
        string facts = Read("run.facts");
        _rig.PressControlC();
        Assert.Equal(ExitCode.Interrupted, _rig.Run("ledger", "audit", facts));
    }

    // What was played once, for all that only read it.
    private string Read(string name)
    {
        string path = _rig.File(name);
        File.WriteAllBytes(path, _played.Value);
        return path;
    }

    private string Played(string name)
    {
        string path = _rig.File(name);
        Assert.Equal(ExitCode.Fine, _rig.Run(
            "sim", "run", "nickel-500t", "--nodes", "25", "--days", "14", "--facts", path, "-o", "json"));
        return path;
    }

    // Posts the first payment twice, under good checksums.
    private static void Respoil(string from, string to)
    {
        using FileStream source = File.OpenRead(from);
        var reader = new FactsReader(source);
        Assert.True(reader.Begin());
        var buffer = new ByteBuffer();
        buffer.Add(FactsFormat.Magic.AsSpan());
        FactsFormat.Append(buffer, FactsRecord.Header, reader.Header!);
        bool isDone = false;
        ulong steps = 0;
        while (reader.Read() is { } step)
        {
            HubFact? payment = isDone ? null : step.Hub.FirstOrDefault(fact => fact is HubFact.Posted
            {
                Posting: { From.Kind: AccountKind.Escrow, To.Kind: AccountKind.Balance },
            });
            isDone |= payment is not null;
            steps++;
            FactsFormat.Append(
                buffer, FactsRecord.Step, payment is null ? step : step with { Hub = step.Hub.Add(payment) });
        }

        FactsFormat.Append(buffer, FactsRecord.End, new FactsEnd(steps));
        File.WriteAllBytes(to, buffer.Written);
    }
}
