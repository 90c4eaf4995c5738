using System;
using System.Globalization;
using System.IO;
using Microsoft.Data.Sqlite;

namespace Hanse.IO.Stores;

/// <summary>The tables of a store in SQLite, and what makes a file one.</summary>
internal static class SqliteSchema
{
    /// <summary>"HANS": in the head of the file, for <c>file(1)</c> and for us.</summary>
    private const long ApplicationId = 0x48414E53;

    /// <summary>The form of the tables. A later release may add forms, and reads all before.</summary>
    private const long FormatNow = 2;

    // Rows are appended in the order in which they were committed, whatever their stream: so a commit of many
    // streams writes few pages. The index is what keeps a second writer out.
    private const string Tables = """
        CREATE TABLE streams(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE batches(
            place INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES streams, version INTEGER NOT NULL,
            facts INTEGER NOT NULL, sum INTEGER NOT NULL, run BLOB NOT NULL, at INTEGER NOT NULL DEFAULT 0);
        CREATE UNIQUE INDEX batches_by_version ON batches(stream, version);
        CREATE TABLE snapshots(
            stream INTEGER PRIMARY KEY REFERENCES streams, version INTEGER NOT NULL, core TEXT NOT NULL,
            sum INTEGER NOT NULL, state BLOB NOT NULL);
        CREATE TABLE notes(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """;

    // What makes the tables of each form those of the next, from the first on.
    private static readonly string[] _steps =
        ["ALTER TABLE batches ADD COLUMN at INTEGER NOT NULL DEFAULT 0"];

    // Whoever has the file open finds it at his next write, whichever release he is of.
    private const string Seals = """
        CREATE TRIGGER sealed_batches BEFORE INSERT ON batches
            BEGIN SELECT RAISE(ABORT, 'the mission was moved; the note store/sealed says where'); END;
        CREATE TRIGGER sealed_snapshots BEFORE INSERT ON snapshots
            BEGIN SELECT RAISE(ABORT, 'the mission was moved; the note store/sealed says where'); END;
        CREATE TRIGGER sealed_streams BEFORE INSERT ON streams
            BEGIN SELECT RAISE(ABORT, 'the mission was moved; the note store/sealed says where'); END;
        CREATE TRIGGER sealed_notes BEFORE INSERT ON notes
            BEGIN SELECT RAISE(ABORT, 'the mission was moved; the note store/sealed says where'); END;
        """;

    /// <summary>Opens a connection with the settings that make commits durable.</summary>
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = mode == SqliteOpenMode.ReadOnly,
            DefaultTimeout = 10,
        }.ToString());
        try
        {
            connection.Open();
            if (mode != SqliteOpenMode.ReadOnly)
            {
                Run(connection, "PRAGMA journal_mode=WAL");
                Run(connection, "PRAGMA synchronous=FULL");
                Run(connection, "PRAGMA wal_autocheckpoint=0");
                Run(connection, "PRAGMA journal_size_limit=67108864");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes the tables in a new file, or brings those of an old one to the form of this
    /// release.</summary>
    public static void Prepare(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            using SqliteConnection connection = Open(path, SqliteOpenMode.ReadWriteCreate);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"""
                BEGIN IMMEDIATE;
                {Tables}
                PRAGMA application_id={ApplicationId};
                PRAGMA user_version={FormatNow};
                COMMIT;
                """));
            return;
        }

        for (long format = FormatOf(path); format < FormatNow; format++)
        {
            using SqliteConnection connection = Open(path, SqliteOpenMode.ReadWrite);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"""
                BEGIN IMMEDIATE;
                {_steps[format - 1]};
                PRAGMA user_version={format + 1};
                COMMIT;
                """));
        }
    }

    /// <summary>The form of a file's tables.</summary>
    /// <exception cref="StoreException">It is no store that this release can read.</exception>
    public static long FormatOf(string path)
    {
        using SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly);
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw new StoreException($"'{path}' is a database, but no store of Hanse");
        }

        long format = Number(connection, "PRAGMA user_version");
        if (format is < 1 or > FormatNow)
        {
            throw new StoreException(
                $"'{path}' was written by a later release (format {format}; this one reads up to "
                + $"{FormatNow}): install that release, or restore a backup made before");
        }

        return format;
    }

    /// <summary>Why a file is sealed; null when it is not.</summary>
    public static string? SealOf(string path)
    {
        using SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM notes WHERE key = $key";
        _ = command.Parameters.AddWithValue("$key", ISealableStore.SealNote);
        return command.ExecuteScalar() as string;
    }

    /// <summary>How many notes say nothing of the store itself.</summary>
    public static long NotesOf(SqliteConnection connection) =>
        Number(connection, "SELECT count(*) FROM notes WHERE substr(key, 1, 6) <> 'store/'");

    /// <summary>Closes a file to all writers.</summary>
    public static void Seal(SqliteConnection connection, string why)
    {
        using (SqliteCommand command = connection.CreateCommand())
        {
            command.CommandText = "INSERT INTO notes(key, value) VALUES($key, $why)";
            _ = command.Parameters.AddWithValue("$key", ISealableStore.SealNote);
            _ = command.Parameters.AddWithValue("$why", why);
            _ = command.ExecuteNonQuery();
        }

        Run(connection, Seals);
    }

    /// <summary>Runs statements.</summary>
    public static void Run(SqliteConnection connection, string statements)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of ours.
        command.CommandText = statements;
#pragma warning restore CA2100
        _ = command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of ours.
        command.CommandText = query;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
