using System.Globalization;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>
/// Arithmetic with exact decimals (28 digits): <c>+ - * / % ^ ( )</c>, numbers such as <c>1.5</c> and <c>2e3</c>, and <c>abs, ceil, floor, max, min, round, sqrt</c>.
/// <c>%</c> is the remainder, <c>^</c> takes whole exponents. Nothing is evaluated but this.
/// </summary>
internal sealed class Calculation
{
    private const int MaxLength = 1_000;
    private const int MaxDepth = 64;
    private const int MaxExponent = 10_000;
    private readonly string _text;
    private int _at;
    private int _depth;
    private string? _problem;

    private Calculation(string text) => _text = text;

    /// <summary>The result, or why there is none.</summary>
    public static (decimal? Value, string? Problem) Of(string expression)
    {
        if (expression.Length > MaxLength)
        {
            return (null, "The expression is too long.");
        }

        var calculation = new Calculation(expression.Replace('×', '*').Replace('·', '*').Replace('÷', '/').Replace('−', '-'));
        try
        {
            var value = calculation.Sum();
            calculation.Skip();
            return calculation._problem is { } problem ? (null, problem)
                : calculation._at < calculation._text.Length ? (null, $"Nothing is known of what stands at position {calculation._at + 1}.")
                : (value, null);
        }
        catch (OverflowException)
        {
            return (null, "The numbers are too large for 28 digits.");
        }
    }

    /// <summary>Without trailing zeros.</summary>
    public static string Text(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    private decimal Sum()
    {
        var value = Product();
        while (_problem is null)
        {
            if (Take('+'))
            {
                value += Product();
            }
            else if (Take('-'))
            {
                value -= Product();
            }
            else
            {
                break;
            }
        }

        return value;
    }

    private decimal Product()
    {
        var value = Signed();
        while (_problem is null)
        {
            if (Take('*'))
            {
                value *= Signed();
            }
            else if (Take('/'))
            {
                value = Divide(value, Signed(), remainder: false);
            }
            else if (Take('%'))
            {
                value = Divide(value, Signed(), remainder: true);
            }
            else
            {
                break;
            }
        }

        return value;
    }

    private decimal Divide(decimal value, decimal by, bool remainder) =>
        _problem is not null ? 0 : by == 0 ? Fail("Nothing can be divided by zero.") : remainder ? value % by : value / by;

    private decimal Signed()
    {
        if (++_depth > MaxDepth)
        {
            return Fail("The expression is nested too deeply.");
        }

        var value = Take('-') ? -Signed() : Take('+') ? Signed() : Power();
        _depth--;
        return value;
    }

    private decimal Power()
    {
        var value = Operand();
        return _problem is null && Take('^') ? Raise(value, Signed()) : value;
    }

    private decimal Raise(decimal value, decimal exponent)
    {
        if (_problem is not null || exponent != Math.Floor(exponent) || Math.Abs(exponent) > MaxExponent)
        {
            return Fail("Exponents must be whole numbers.");
        }

        if (value == 0 && exponent < 0)
        {
            return Fail("Nothing can be divided by zero.");
        }

        var result = 1m;
        var factor = value;
        for (var left = (int)Math.Abs(exponent); left > 0; left >>= 1)
        {
            if ((left & 1) == 1)
            {
                result *= factor;
            }

            factor = left > 1 ? factor * factor : factor;
        }

        return exponent < 0 ? result == 0 ? Fail("The numbers are too small for 28 digits.") : 1 / result : result;
    }

    private decimal Operand()
    {
        Skip();
        if (_problem is not null || _at == _text.Length)
        {
            return Fail("The expression ends too early.");
        }

        if (Take('('))
        {
            var value = Sum();
            return Take(')') ? value : Fail("A closing parenthesis is missing.");
        }

        return char.IsAsciiLetter(_text[_at]) ? Function() : Number();
    }

    private decimal Number()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
        {
            _at++;
        }

        // 2e3 and 2E-3, but not the e of something else.
        if (_at > start && _at + 1 < _text.Length && _text[_at] is 'e' or 'E' && (char.IsAsciiDigit(_text[_at + 1]) || (_text[_at + 1] is '+' or '-' && _at + 2 < _text.Length && char.IsAsciiDigit(_text[_at + 2]))))
        {
            _at += 2;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            {
                _at++;
            }
        }

        return decimal.TryParse(_text.AsSpan(start, _at - start), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? number
            : Fail(_at > start ? "A number is not written as one, or too large for 28 digits." : $"Nothing is known of what stands at position {start + 1}.");
    }

    private decimal Function()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
        {
            _at++;
        }

        var name = _text[start.._at].ToUpperInvariant();
        if (!Take('('))
        {
            return Fail("Names can only be those of functions: abs, ceil, floor, max, min, round, sqrt.");
        }

        var arguments = new List<decimal> { Sum() };
        while (_problem is null && Take(','))
        {
            arguments.Add(Sum());
        }

        if (!Take(')'))
        {
            return Fail("A closing parenthesis is missing.");
        }

        return (name, arguments) switch
        {
            ("ABS", [var x]) => Math.Abs(x),
            ("CEIL", [var x]) => Math.Ceiling(x),
            ("FLOOR", [var x]) => Math.Floor(x),
            ("MAX", _) => arguments.Max(),
            ("MIN", _) => arguments.Min(),
            ("ROUND", [var x]) => Math.Round(x, MidpointRounding.AwayFromZero),
            ("ROUND", [var x, >= 0 and <= 28 and var digits]) when digits == Math.Floor(digits) => Math.Round(x, (int)digits, MidpointRounding.AwayFromZero),
            ("SQRT", [>= 0 and var x]) => Root(x),
            _ => Fail("No such function, or not with these arguments: abs, ceil, floor, max, min, round, sqrt."),
        };
    }

    /// <summary>Newton's steps from the floating-point root: exact in all digits that a decimal has.</summary>
    private static decimal Root(decimal x)
    {
        if (x == 0)
        {
            return 0;
        }

        var root = (decimal)Math.Sqrt((double)x);
        for (var i = 0; i < 4 && root > 0; i++)
        {
            root = (root + (x / root)) / 2;
        }

        return root;
    }

    private bool Take(char sign)
    {
        Skip();
        if (_problem is not null || _at == _text.Length || _text[_at] != sign)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private decimal Fail(string problem)
    {
        _problem ??= problem;
        return 0;
    }
}
