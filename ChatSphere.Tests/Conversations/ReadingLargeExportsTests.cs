extern alias worker;

using System.Text;
using worker::ChatSphere.Worker.Modules.Conversations.Importing;

namespace ChatSphere.Tests.Conversations;

/// <summary>It looks at the memory of the whole process, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(ReadingLargeExportsTests), DisableParallelization = true)]
[Collection(nameof(ReadingLargeExportsTests))]
public sealed class ReadingLargeExportsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_large_file_takes_no_more_memory_than_its_largest_conversation()
    {
        // About 70 MB in conversations of 100 kB, one that is too large among them, and one that nests without end.
        var text = new string('x', 100_000);
        IEnumerable<byte[]> Pieces()
        {
            yield return "["u8.ToArray();
            for (var i = 0; i < 600; i++)
            {
                yield return Encoding.UTF8.GetBytes($$"""{"uuid":"{{i}}","chat_messages":[{"sender":"human","text":"{{text}}"}]},""");
            }

            for (var i = 0; i < 100; i++)
            {
                yield return Encoding.UTF8.GetBytes(i == 0 ? $"\"{text}" : text);
            }

            yield return Encoding.UTF8.GetBytes($"\",{new string('[', 1_000_000)}{new string(']', 1_000_000)}]");
        }

        var (read, skipped, most) = (0, 0, 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await foreach (var part in JsonElements.ReadAsync(new PiecesStream(Pieces()), 4_000_000, TestContext.Current.CancellationToken))
        {
            if (part.Json is null)
            {
                skipped++;
                continue;
            }

            read += ExportReader.Read(part.Json, Now).Talk is null ? 0 : 1;
            if (read % 100 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.Equal((600, 1), (read, skipped));
        Assert.InRange(most, long.MinValue, 16_000_000);
    }

    private sealed class PiecesStream(IEnumerable<byte[]> pieces) : MemoryStream
    {
        private readonly IEnumerator<byte[]> _pieces = pieces.GetEnumerator();
        private ReadOnlyMemory<byte> _rest;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.Length == 0)
            {
                if (!_pieces.MoveNext())
                {
                    return ValueTask.FromResult(0);
                }

                _rest = _pieces.Current;
            }

            var length = Math.Min(buffer.Length, _rest.Length);
            _rest[..length].CopyTo(buffer);
            _rest = _rest[length..];
            return ValueTask.FromResult(length);
        }

        protected override void Dispose(bool disposing)
        {
            _pieces.Dispose();
            base.Dispose(disposing);
        }
    }
}
