using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Budgets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "ai");

            migrationBuilder.CreateTable(
                name: "budget_counters",
                schema: "ai",
                columns: table => new
                {
                    scope = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    scope_id = table.Column<Guid>(type: "uuid", nullable: false),
                    period = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    starts = table.Column<DateOnly>(type: "date", nullable: false),
                    spent_tokens = table.Column<long>(type: "bigint", nullable: false),
                    spent_money = table.Column<decimal>(type: "numeric(20,8)", precision: 20, scale: 8, nullable: false),
                    reserved_tokens = table.Column<long>(type: "bigint", nullable: false),
                    reserved_money = table.Column<decimal>(type: "numeric(20,8)", precision: 20, scale: 8, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_budget_counters", x => new { x.scope, x.scope_id, x.period, x.starts });
                });

            migrationBuilder.CreateTable(
                name: "budget_reservations",
                schema: "ai",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    bot_id = table.Column<Guid>(type: "uuid", nullable: true),
                    model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    input_tokens = table.Column<long>(type: "bigint", nullable: false),
                    output_tokens = table.Column<long>(type: "bigint", nullable: false),
                    money = table.Column<decimal>(type: "numeric(20,8)", precision: 20, scale: 8, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    holds = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_budget_reservations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "budgets",
                schema: "ai",
                columns: table => new
                {
                    scope = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    scope_id = table.Column<Guid>(type: "uuid", nullable: false),
                    period = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    tokens = table.Column<long>(type: "bigint", nullable: true),
                    money = table.Column<decimal>(type: "numeric(20,8)", precision: 20, scale: 8, nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_budgets", x => new { x.scope, x.scope_id, x.period });
                });

            migrationBuilder.CreateTable(
                name: "usage_entries",
                schema: "ai",
                columns: table => new
                {
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: true),
                    bot_id = table.Column<Guid>(type: "uuid", nullable: true),
                    model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    provider = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true),
                    input_tokens = table.Column<long>(type: "bigint", nullable: false),
                    output_tokens = table.Column<long>(type: "bigint", nullable: false),
                    cost = table.Column<decimal>(type: "numeric(20,8)", precision: 20, scale: 8, nullable: true),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: true),
                    estimated = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_entries", x => new { x.at, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_budget_counters_starts",
                schema: "ai",
                table: "budget_counters",
                column: "starts");

            migrationBuilder.CreateIndex(
                name: "ix_budget_reservations_account_id",
                schema: "ai",
                table: "budget_reservations",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_budget_reservations_expires_at",
                schema: "ai",
                table: "budget_reservations",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_usage_entries_account_id_at",
                schema: "ai",
                table: "usage_entries",
                columns: new[] { "account_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_usage_entries_bot_id_at",
                schema: "ai",
                table: "usage_entries",
                columns: new[] { "bot_id", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
