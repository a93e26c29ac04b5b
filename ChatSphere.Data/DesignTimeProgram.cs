#if EF_DESIGN
// `dotnet ef` wants a program to start from. Never part of an ordinary build.
return;
#endif
