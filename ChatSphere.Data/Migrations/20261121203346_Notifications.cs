using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Notifications : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "message_search",
                schema: "communities",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    rights_channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: true),
                    author_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    holds = table.Column<short>(type: "smallint", maxLength: 32, nullable: false),
                    language = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    words = table.Column<NpgsqlTsVector>(type: "tsvector", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_message_search", x => x.message_id);
                    table.ForeignKey(
                        name: "fk_message_search_messages_message_id",
                        column: x => x.message_id,
                        principalSchema: "communities",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "notifications",
                schema: "notifications",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: true),
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    rights_channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    actor_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    may_interrupt = table.Column<bool>(type: "boolean", nullable: false),
                    mailed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notifications", x => x.id);
                    table.ForeignKey(
                        name: "fk_notifications_messages_message_id",
                        column: x => x.message_id,
                        principalSchema: "communities",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "place_preferences",
                schema: "notifications",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    place_id = table.Column<Guid>(type: "uuid", nullable: false),
                    level = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    muted_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_place_preferences", x => new { x.account_id, x.place_id });
                    table.ForeignKey(
                        name: "fk_place_preferences_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "preferences",
                schema: "notifications",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kinds_off = table.Column<List<string>>(type: "text[]", nullable: false),
                    keywords = table.Column<List<string>>(type: "text[]", nullable: false),
                    quiet_from = table.Column<int>(type: "integer", nullable: true),
                    quiet_until = table.Column<int>(type: "integer", nullable: true),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    mails_at_once = table.Column<bool>(type: "boolean", nullable: false),
                    mail_after_minutes = table.Column<int>(type: "integer", nullable: false),
                    digest = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    digested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_preferences", x => x.account_id);
                    table.ForeignKey(
                        name: "fk_preferences_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_message_search_author_id_created_at",
                schema: "communities",
                table: "message_search",
                columns: new[] { "author_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_message_search_created_at_message_id",
                schema: "communities",
                table: "message_search",
                columns: new[] { "created_at", "message_id" });

            migrationBuilder.CreateIndex(
                name: "ix_message_search_rights_channel_id_created_at_message_id",
                schema: "communities",
                table: "message_search",
                columns: new[] { "rights_channel_id", "created_at", "message_id" });

            migrationBuilder.CreateIndex(
                name: "ix_message_search_words",
                schema: "communities",
                table: "message_search",
                column: "words")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_notifications_account_id_id",
                schema: "notifications",
                table: "notifications",
                columns: new[] { "account_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_notifications_account_id_message_id_kind",
                schema: "notifications",
                table: "notifications",
                columns: new[] { "account_id", "message_id", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_notifications_message_id",
                schema: "notifications",
                table: "notifications",
                column: "message_id");

            migrationBuilder.CreateIndex(
                name: "ix_notifications_unmailed",
                schema: "notifications",
                table: "notifications",
                column: "created_at",
                filter: "read_at is null and mailed_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_place_preferences_place_id_level",
                schema: "notifications",
                table: "place_preferences",
                columns: new[] { "place_id", "level" });

            migrationBuilder.CreateIndex(
                name: "ix_preferences_keywords",
                schema: "notifications",
                table: "preferences",
                column: "account_id",
                filter: "cardinality(keywords) > 0");

            migrationBuilder.Sql(Communities.MessageSearchSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
