using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Messages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<Guid>>(
                name: "named_accounts",
                schema: "communities",
                table: "messages",
                type: "uuid[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<List<Guid>>(
                name: "named_roles",
                schema: "communities",
                table: "messages",
                type: "uuid[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "parts_json",
                schema: "communities",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "poll_open_until",
                schema: "communities",
                table: "messages",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "thread_id",
                schema: "communities",
                table: "messages",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "attachments",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: true),
                    is_image = table.Column<bool>(type: "boolean", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    content_type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    width = table.Column<int>(type: "integer", nullable: true),
                    height = table.Column<int>(type: "integer", nullable: true),
                    sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_attachments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "emoji",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    name_key = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    content_type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    width = table.Column<int>(type: "integer", nullable: false),
                    height = table.Column<int>(type: "integer", nullable: false),
                    sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_emoji", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "message_edits",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    content = table.Column<string>(type: "text", nullable: false),
                    written_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    replaced_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_message_edits", x => x.id);
                    table.ForeignKey(
                        name: "fk_message_edits_messages_message_id",
                        column: x => x.message_id,
                        principalSchema: "communities",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "message_reactions",
                schema: "communities",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    emoji = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_message_reactions", x => new { x.message_id, x.emoji, x.account_id });
                    table.ForeignKey(
                        name: "fk_message_reactions_messages_message_id",
                        column: x => x.message_id,
                        principalSchema: "communities",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "poll_votes",
                schema: "communities",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    options = table.Column<List<int>>(type: "integer[]", nullable: false),
                    voted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_poll_votes", x => new { x.message_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_poll_votes_messages_message_id",
                        column: x => x.message_id,
                        principalSchema: "communities",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "slow_mode_marks",
                schema: "communities",
                columns: table => new
                {
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    written_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_slow_mode_marks", x => new { x.channel_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_slow_mode_marks_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_messages_channel_id_pinned_at",
                schema: "communities",
                table: "messages",
                columns: new[] { "channel_id", "pinned_at" },
                filter: "pinned_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_messages_poll_open_until",
                schema: "communities",
                table: "messages",
                column: "poll_open_until",
                filter: "poll_open_until is not null");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_account_id",
                schema: "communities",
                table: "attachments",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_channel_id",
                schema: "communities",
                table: "attachments",
                column: "channel_id");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_created_at",
                schema: "communities",
                table: "attachments",
                column: "created_at",
                filter: "message_id is null");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_message_id",
                schema: "communities",
                table: "attachments",
                column: "message_id");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_sha256",
                schema: "communities",
                table: "attachments",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ix_emoji_created_by",
                schema: "communities",
                table: "emoji",
                column: "created_by");

            migrationBuilder.CreateIndex(
                name: "ix_emoji_server_id_name_key",
                schema: "communities",
                table: "emoji",
                columns: new[] { "server_id", "name_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_emoji_sha256",
                schema: "communities",
                table: "emoji",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ix_message_edits_message_id_id",
                schema: "communities",
                table: "message_edits",
                columns: new[] { "message_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_message_reactions_account_id",
                schema: "communities",
                table: "message_reactions",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_poll_votes_account_id",
                schema: "communities",
                table: "poll_votes",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_slow_mode_marks_account_id",
                schema: "communities",
                table: "slow_mode_marks",
                column: "account_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
