using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Hanse.IO.Stores;

namespace Hanse.Server.Operations;

/// <summary>An action as it is noted before it is carried out.</summary>
/// <param name="Who">The operator.</param>
/// <param name="Role">His role.</param>
/// <param name="Address">Where from.</param>
/// <param name="Method">What.</param>
/// <param name="Request">With what, as JSON. Nothing secret is ever in a request.</param>
public sealed record AuditedAction(string Who, string Role, string Address, string Method, string Request);

/// <summary>An entry of the audit trail.</summary>
/// <param name="Entry">Names it: time and number.</param>
/// <param name="Action">What was to be done.</param>
/// <param name="Outcome">A gRPC status by name; empty when the process ended before it was known.</param>
public sealed record AuditedEntry(string Entry, AuditedAction Action, string Outcome);

/// <summary>What operators did: who, what, when, and what became of it.</summary>
/// <remarks>
/// Two notes of the store for each action: one before it is carried out, and one after. Notes are written
/// once, so nobody who speaks to the server can change an entry; whoever can write the store's file can. An
/// action without an outcome was under way when the process ended.
/// </remarks>
public sealed class AuditTrail(IStreamStore store, TimeProvider time)
{
    /// <summary>Most entries that are read at once.</summary>
    public const int PageMax = 1_000;

    private const string Prefix = "audit/";
    private const string OutcomeSuffix = "/outcome";
    private int _count;

    /// <summary>Notes an action that is about to be carried out; durable when the task ends.</summary>
    /// <returns>The entry's name.</returns>
    /// <exception cref="StoreException">It cannot be written, so the action must not be carried
    /// out.</exception>
    public async Task<string> BeginAsync(AuditedAction action)
    {
        string text = JsonSerializer.Serialize(action);
        while (true)
        {
            int count = Interlocked.Increment(ref _count) % 1_000_000;
            string entry = string.Create(
                CultureInfo.InvariantCulture,
                $"{time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}/{Math.Abs(count):D6}");
            if (await store.NoteAsync(Prefix + entry) is null
                && await store.NoteAsync(Prefix + entry, text) == text)
            {
                return entry;
            }
        }
    }

    /// <summary>Notes what became of an action.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public Task EndAsync(string entry, StatusCode outcome) =>
        store.NoteAsync(Prefix + entry + OutcomeSuffix, outcome.ToString());

    /// <summary>Reads entries, oldest first. Cost: linear in the entries whose time begins so.</summary>
    /// <param name="begin">What their time begins with; all when empty.</param>
    /// <param name="after">Entries after this one only; all when empty.</param>
    /// <param name="atMost">So many.</param>
    /// <param name="cancel">Whether it is not wanted any more.</param>
    /// <exception cref="StoreException">They cannot be read.</exception>
    public async Task<ImmutableArray<AuditedEntry>> ReadAsync(
        string begin, string after, int atMost, CancellationToken cancel)
    {
        ImmutableArray<AuditedEntry>.Builder entries = ImmutableArray.CreateBuilder<AuditedEntry>();
        await foreach (KeyValuePair<string, string> note in store.NotesAsync(Prefix + begin, cancel))
        {
            string key = note.Key[Prefix.Length..];
            if (key.EndsWith(OutcomeSuffix, StringComparison.Ordinal))
            {
                // It follows its action, being longer by the suffix.
                if (entries.Count > 0 && key[..^OutcomeSuffix.Length] == entries[^1].Entry)
                {
                    entries[^1] = entries[^1] with { Outcome = note.Value };
                }
            }
            else if (entries.Count >= Math.Clamp(atMost, 1, PageMax))
            {
                break;
            }
            else if (string.CompareOrdinal(key, after) > 0)
            {
                entries.Add(new AuditedEntry(key, Read(note), ""));
            }
        }

        return entries.ToImmutable();
    }

    private static AuditedAction Read(KeyValuePair<string, string> note)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditedAction>(note.Value)
                ?? throw new StoreException($"the note '{note.Key}' is spoiled");
        }
        catch (JsonException spoilt)
        {
            throw new StoreException($"the note '{note.Key}' is spoiled", spoilt);
        }
    }
}
