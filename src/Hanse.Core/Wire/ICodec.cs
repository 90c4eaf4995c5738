namespace Hanse.Core.Wire;

/// <summary>One walk over the fields of a record: writing, reading, measuring or describing it.</summary>
/// <remarks>
/// A record states its fields once, in its <c>Shape</c> method, in the manner of an archive: each call names
/// a field, passes its value and takes the value back. A writer returns what it was given; a reader ignores
/// what it was given and returns what the bytes say. So the encoder, the decoder, the size function and the
/// text of the trace cannot disagree about a record, and a new record costs one method. The codecs are
/// structs, so that the compiler makes a copy of every shape for each of them and no call is virtual.
/// <para>
/// A reader never throws. Its first error sticks (<see cref="Failed"/>), later reads return the least value
/// allowed, and the half-read record is thrown away by whoever asked for it.
/// </para>
/// </remarks>
public interface ICodec
{
    /// <summary>Whether values come from the codec rather than from the record.</summary>
    bool IsReading { get; }

    /// <summary>Whether a reader has met bytes it refuses.</summary>
    bool Failed { get; }

    /// <summary>Begins a record of a fixed number of fields.</summary>
    void Open(string name, int fields);

    /// <summary>Begins a record that an earlier release ended before its last field, and that has still no
    /// such field where nothing is said by it.</summary>
    /// <param name="name">The record.</param>
    /// <param name="fields">Fields that it always has.</param>
    /// <param name="hasLast">Whether to write one more.</param>
    /// <returns>Whether one more follows.</returns>
    bool OpenGrown(string name, int fields, bool hasLast);

    /// <summary>Ends the record begun last.</summary>
    void Close();

    /// <summary>Begins a list.</summary>
    /// <param name="name">The field.</param>
    /// <param name="count">Number of elements to write.</param>
    /// <param name="countMax">More than this is refused when reading and is our bug when writing.</param>
    /// <returns>Number of elements that follow.</returns>
    int OpenList(string name, int count, int countMax);

    /// <summary>Ends the list begun last.</summary>
    void CloseList();

    /// <summary>Which case of a closed set of records follows: from 1 to <paramref name="max"/>.</summary>
    /// <remarks>Text leaves it out, since the record that follows names itself.</remarks>
    long Case(string name, long tag, long max);

    /// <summary>A whole number within stated bounds.</summary>
    long Integer(string name, long value, long min, long max);

    /// <summary>A string of bytes of at most <paramref name="lengthMax"/>.</summary>
    byte[] Bytes(string name, byte[] value, int lengthMax);

    /// <summary>Makes a reader fail: the values are in range but make no sense together.</summary>
    void Refuse(string reason);
}
