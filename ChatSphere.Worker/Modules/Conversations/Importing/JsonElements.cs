using System.Runtime.CompilerServices;

namespace ChatSphere.Worker.Modules.Conversations.Importing;

/// <param name="Json">Null: it is larger than allowed; its bytes were passed over.</param>
/// <param name="End">How many bytes of the file were read up to its end.</param>
public readonly record struct JsonPart(byte[]? Json, long End);

/// <summary>
/// Cuts the array that a file consists of into its elements, one at a time, by counting brackets outside of strings: what it holds at once is one element, or nothing of one
/// that is too large. Whether an element is good JSON its reader finds out; how deep it nests does not matter here.
/// </summary>
public static class JsonElements
{
    private const int ChunkSize = 64 * 1024;

    /// <exception cref="InvalidDataException">The file is not an array, or ends in the middle.</exception>
    public static async IAsyncEnumerable<JsonPart> ReadAsync(Stream stream, int largest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new byte[ChunkSize];
        var element = new MemoryStream();
        var (begun, ended, depth, inText, escaped, within, tooLarge) = (false, false, 0L, false, false, false, false);
        long position = 0;
        for (int read; (read = await stream.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            var start = 0;
            for (var i = 0; i < read; i++, position++)
            {
                var b = chunk[i];
                if (inText)
                {
                    if (escaped)
                    {
                        escaped = false;
                    }
                    else if (b == '\\')
                    {
                        escaped = true;
                    }
                    else if (b == '"')
                    {
                        inText = false;
                    }

                    continue;
                }

                var isSpace = b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
                if (!begun)
                {
                    // A mark of the byte order may stand before it.
                    if (b == '[')
                    {
                        begun = true;
                    }
                    else if (!isSpace && !(position < 3 && b is 0xEF or 0xBB or 0xBF))
                    {
                        throw new InvalidDataException("It is not a list of conversations.");
                    }

                    continue;
                }

                if (ended)
                {
                    if (!isSpace)
                    {
                        throw new InvalidDataException("Something follows the list of conversations.");
                    }

                    continue;
                }

                if (depth == 0)
                {
                    if (b is (byte)',' or (byte)']')
                    {
                        ended = b == ']';
                        if (within)
                        {
                            Keep(i);
                            yield return new JsonPart(tooLarge ? null : element.ToArray(), position);
                            Forget();
                        }

                        continue;
                    }

                    if (!within && isSpace)
                    {
                        continue;
                    }

                    if (!within)
                    {
                        (within, start) = (true, i);
                    }
                }

                switch (b)
                {
                    case (byte)'"':
                        inText = true;
                        break;
                    case (byte)'{' or (byte)'[':
                        depth++;
                        break;
                    case (byte)'}' or (byte)']':
                        depth--;
                        break;
                    default:
                        break;
                }
            }

            if (within)
            {
                Keep(read);
            }

            void Keep(int end)
            {
                if (tooLarge || element.Length + (end - start) > largest)
                {
                    tooLarge = true;
                    element.SetLength(0);
                }
                else
                {
                    element.Write(chunk, start, end - start);
                }
            }
        }

        if (!ended)
        {
            throw new InvalidDataException(begun ? "The file ends in the middle." : "It is not a list of conversations.");
        }

        void Forget()
        {
            (within, tooLarge) = (false, false);
            element.SetLength(0);
            if (element.Capacity > 1 << 20)
            {
                element = new MemoryStream();
            }
        }
    }
}
