using System.Globalization;
using System.Text;

namespace ChatSphere.Tests.Knowledge;

/// <summary>Writes small valid PDF files: pages of lines in Helvetica.</summary>
internal static class PdfFile
{
    /// <param name="pages">Lines of each page; an empty line leaves a gap. A page without lines is blank, like a scan without its picture.</param>
    /// <param name="encrypted">With a password that nobody has.</param>
    public static byte[] Write(IEnumerable<IReadOnlyList<string>> pages, bool encrypted = false)
    {
        using var file = new MemoryStream();
        var offsets = new List<long>();
        var kids = new List<int>();
        Put(file, "%PDF-1.4\n");
        Begin(1, "<< /Type /Catalog /Pages 2 0 R >>");
        var number = 4;
        var later = new List<(int Number, string Body)>();
        foreach (var lines in pages)
        {
            var content = new StringBuilder("BT /F1 11 Tf 14 TL 60 780 Td\n");
            foreach (var line in lines)
            {
                content.Append('(').Append(line.Replace("\\", "\\\\").Replace("(", "\\(").Replace(")", "\\)")).Append(") Tj T*\n");
            }

            content.Append("ET");
            kids.Add(number);
            later.Add((number, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>"));
            later.Add((number + 1, $"<< /Length {content.Length} >>\nstream\n{content}\nendstream"));
            number += 2;
        }

        Begin(2, $"<< /Type /Pages /Count {kids.Count} /Kids [{string.Join(' ', kids.Select(k => $"{k} 0 R"))}] >>");
        Begin(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
        foreach (var (id, body) in later)
        {
            Begin(id, body);
        }

        var encryption = "";
        if (encrypted)
        {
            Begin(number, $"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{new string('a', 64)}> /U <{new string('b', 64)}> >>");
            encryption = $" /Encrypt {number++} 0 R /ID [<{new string('c', 32)}> <{new string('c', 32)}>]";
        }

        var start = file.Position;
        Put(file, $"xref\n0 {number}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            Put(file, string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n"));
        }

        Put(file, $"trailer << /Size {number} /Root 1 0 R{encryption} >>\nstartxref\n{start}\n%%EOF\n");
        return file.ToArray();

        void Begin(int id, string body)
        {
            offsets.Add(file.Position);
            Put(file, $"{id} 0 obj\n{body}\nendobj\n");
        }
    }

    private static void Put(MemoryStream file, string text) => file.Write(Encoding.Latin1.GetBytes(text));
}
