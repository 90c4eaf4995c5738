using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Ledger;

/// <summary>One entry of double-entry bookkeeping: an amount leaves one account and enters another.</summary>
/// <param name="From">The account credited with the outflow.</param>
/// <param name="To">The account that gains.</param>
/// <param name="Amount">Positive.</param>
public sealed record Posting(AccountId From, AccountId To, Credits Amount) : IShaped<Posting>
{
    /// <inheritdoc/>
    public static Posting Shape<TCodec>(ref TCodec codec, Posting? value)
        where TCodec : struct, ICodec
    {
        codec.Open("posting", 3);
        AccountId from = AccountId.Shape(ref codec, "from", value?.From ?? default);
        AccountId to = AccountId.Shape(ref codec, "to", value?.To ?? default);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        codec.Close();
        return value ?? new Posting(from, to, amount);
    }
}
